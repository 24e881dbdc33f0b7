;; no-handler WHAT: names a signal handler as wasix-libc does, one that cannot reach the program's own handler. WHAT is the
;; first letter of the argument: e the table entry is empty, t it is of another type, d the handler calls a function that
;; traps so. Prints "waiting in sleep", and sleeps.
(module
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasix_32v1" "callback_signal" (func $callback_signal (param i32 i32)))
  (import "wasix_32v1" "thread_sleep" (func $thread_sleep (param i64) (result i32)))
  (memory (export "memory") 1)
  (type $handler (func (param i32)))
  (type $handler3 (func (param i32 i32 i32)))
  (table 3 funcref)
  (elem (i32.const 1) $three)
  (func $three (type $handler3))
  (func $deep
    i32.const 15
    i32.const 0
    call_indirect (type $handler))
  (func (export "__wasm_signal") (param $signal i32)
    i32.const 64
    i32.load8_u
    i32.const 100 ;; d
    i32.eq
    if
      call $deep
    end
    local.get $signal
    i32.const 64
    i32.load8_u
    i32.const 116 ;; t
    i32.eq
    call_indirect (type $handler))
  (data (i32.const 16) "\20\00\00\00\11\00\00\00")
  (data (i32.const 32) "waiting in sleep\n")
  (data (i32.const 80) "__wasm_signal")
  (func (export "_start")
    ;; the pointers go to 200, the text to 256; the letter to 64
    i32.const 200
    i32.const 256
    call $args_get
    drop
    i32.const 64
    i32.const 204
    i32.load
    i32.load8_u
    i32.store8
    i32.const 80
    i32.const 13
    call $callback_signal
    i32.const 1
    i32.const 16
    i32.const 1
    i32.const 0
    call $fd_write
    drop
    loop $again
      i64.const 3600000000000
      call $thread_sleep
      drop
      br $again
    end))
