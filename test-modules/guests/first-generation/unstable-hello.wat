;; A guest of snapshot 0: fd_write says hello, then poll_oneoff with a subscription of 56 bytes waits 10 ms on the
;; monotonic clock. A clock payload has an identifier (u64) in front there, so all its fields lie 8 bytes further.
(module
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "hello from wasi_unstable\n")
  (data (i32.const 96) "polled\n")

  (func $print (param $text i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $size))
    (call $check (i32.const 1) (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $check (i32.const 2) (i32.ne (i32.load (i32.const 8)) (local.get $size))))

  ;; ends with a code unless the condition is 0
  (func $check (param $code i32) (param $wrong i32)
    local.get $wrong
    if
      local.get $code
      call $proc_exit
    end)

  ;; subscription at 128: userdata @0, type @8, identifier @16, clock @24, timeout @32, precision @40, flags @48.
  ;; The words before the fields are filled so that a host that reads 48-byte subscriptions does not pass by chance.
  (func (export "_start")
    (call $print (i32.const 64) (i32.const 25))
    (i64.store (i32.const 128) (i64.const 0x1122334455667788))
    (i32.store8 (i32.const 136) (i32.const 0))
    (i64.store (i32.const 144) (i64.const 0x7fffffff))
    (i32.store (i32.const 152) (i32.const 1))
    (i64.store (i32.const 160) (i64.const 10000000))
    (i64.store (i32.const 168) (i64.const 0))
    (i32.store16 (i32.const 176) (i32.const 0))
    (call $check (i32.const 3)
      (call $poll_oneoff (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 12)))
    (call $check (i32.const 4) (i32.ne (i32.load (i32.const 12)) (i32.const 1)))
    (call $check (i32.const 5) (i64.ne (i64.load (i32.const 256)) (i64.const 0x1122334455667788)))
    (call $check (i32.const 6) (i32.load16_u (i32.const 264)))
    (call $check (i32.const 7) (i32.load8_u (i32.const 266)))
    (call $print (i32.const 96) (i32.const 7))))
