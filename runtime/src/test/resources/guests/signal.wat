;; Sleeps until a signal comes, and ends with 40 plus its number.
(module
  (import "wasix_32v1" "callback_signal" (func $callback (param i32 i32)))
  (import "wasix_32v1" "thread_sleep" (func $sleep (param i64) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "__wasm_signalready\n")
  (func (export "__wasm_signal") (param $signal i32)
    (call $exit (i32.add (i32.const 40) (local.get $signal))))
  (func (export "_start")
    (call $callback (i32.const 8) (i32.const 13))
    (i32.store (i32.const 0) (i32.const 21))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (loop $again
      (drop (call $sleep (i64.const 1000000000000)))
      (br $again))))
