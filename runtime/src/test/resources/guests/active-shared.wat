;; Has active data in a shared memory, so that there can be one instance only. The exit code is the
;; negated answer of thread-spawn.
(module
  (import "env" "memory" (memory 1 65536 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (data (i32.const 8) "written again by every instance")
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "_start")
    (call $exit (i32.sub (i32.const 0) (call $spawn (i32.const 64))))))
