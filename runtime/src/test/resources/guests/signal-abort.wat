;; Has a handler for signals that aborts: it blocks signals and raises SIGABRT first, as abort does. For SIGINT it calls
;; a null pointer, as wasix-libc's does for signals that the program does not handle. Sleeps for ever, and says when it
;; was interrupted.
(module
  (import "wasix_32v1" "callback_signal" (func $callback (param i32 i32)))
  (import "wasix_32v1" "thread_sleep" (func $sleep (param i64) (result i32)))
  (import "wasix_32v1" "proc_raise" (func $raise (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 1 funcref)
  (data (i32.const 8) "__wasm_signalready\nagain\n")
  (func $say (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 40))))
  (func (export "__wasm_signal") (param $signal i32)
    (call $callback (i32.const 21) (i32.const 5))
    (if (i32.eq (local.get $signal) (i32.const 2))
      (then (call_indirect (i32.const 0))))
    (if (i32.ne (local.get $signal) (i32.const 6))
      (then (drop (call $raise (i32.const 6)))))
    (unreachable))
  (func (export "_start")
    (call $callback (i32.const 8) (i32.const 13))
    (call $say (i32.const 21) (i32.const 6))
    (loop $again
      (drop (call $sleep (i64.const 1000000000000)))
      (call $say (i32.const 27) (i32.const 6))
      (br $again))))
