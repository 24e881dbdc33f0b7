;; threads ARGS...: starts as many threads as it has arguments. All of them sleep for ever, and so does it.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasix_32v1" "thread_sleep" (func $thread_sleep (param i64) (result i32)))
  (import "wasi" "thread-spawn" (func $thread_spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 16 shared))
  (export "memory" (memory 0))
  (func $rest
    (loop $again
      (drop (call $thread_sleep (i64.const 3600000000000)))
      (br $again)))
  (func (export "wasi_thread_start") (param i32 i32)
    (call $rest))
  (func (export "_start")
    (local $left i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (local.set $left (i32.sub (i32.load (i32.const 0)) (i32.const 1)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (if (i32.lt_s (call $thread_spawn (i32.const 0)) (i32.const 0))
          (then (unreachable)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (call $rest)))
