;; Threads whose tables are large: each has its own. Library: the tests call the exports.
(module
  (import "env" "memory" (memory 1 16 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (table 100000 funcref)
  (func (export "_start"))
  ;; waits for ever when the argument is 1
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (local.get $argument)
      (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))
  ;; starts threads that stay until that is refused, and ends with how many there are
  (func (export "most") (local $count i32)
    (block $done
      (loop $more
        (br_if $done (i32.lt_s (call $spawn (i32.const 1)) (i32.const 0)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $more)))
    (call $proc_exit (local.get $count))
    unreachable)
  ;; starts 50 threads that end soon; those that are refused are tried again
  (func (export "soon") (local $count i32)
    (loop $more
      (if (i32.ge_s (call $spawn (i32.const 0)) (i32.const 0))
        (then (local.set $count (i32.add (local.get $count) (i32.const 1)))))
      (br_if $more (i32.lt_u (local.get $count) (i32.const 50))))
    (call $proc_exit (local.get $count))
    unreachable))
