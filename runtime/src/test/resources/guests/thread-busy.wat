;; A thread computes for ever; the first one returns.
(module
  (import "env" "memory" (memory 1 65536 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (loop $again (br $again)))
  (func (export "_start")
    (drop (call $spawn (i32.const 64)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
