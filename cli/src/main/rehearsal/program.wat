;; A program for LibraryRehearsal: wasm-tools parse program.wat -o rehearsal-program.wasm
;; Opens a library, calls its function by pointer, often, and waits for an eventfd by epoll; ends with 0 when all gave the
;; right answers. It has every kind of section that a program of C or C++ has.
(module
  (import "wasix_32v1" "dlopen"
    (func $dlopen (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasix_32v1" "dlsym"
    (func $dlsym (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasix_32v1" "fd_event" (func $fd_event (param i64 i32 i32) (result i32)))
  (import "wasix_32v1" "epoll_create" (func $epoll_create (param i32) (result i32)))
  (import "wasix_32v1" "epoll_ctl" (func $epoll_ctl (param i32 i32 i32 i32) (result i32)))
  (import "wasix_32v1" "epoll_wait" (func $epoll_wait (param i32 i32 i32 i64 i32) (result i32)))
  (import "env" "memory" (memory 2 65536 shared))
  (table (export "__indirect_function_table") 1 funcref)
  (type $answer (func (result i32)))
  (tag $problem (param i32))
  (data (i32.const 1024) "/lib/library.so")
  (data $passive "\2a\00\00\00")
  (data (i32.const 1040) "answer")
  (func (export "twice") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $begin
    (memory.init $passive (i32.const 1100) (i32.const 0) (i32.const 4))
    (data.drop $passive))
  (start $begin)
  (func $fails (throw $problem (i32.const 42)))
  (func (export "_start") (local $left i32)
    (if (i32.ne (i32.load (i32.const 1100)) (i32.const 42)) (then (unreachable)))
    (block $caught (result i32)
      (try_table (catch $problem $caught) (call $fails))
      (i32.const 0))
    (if (i32.ne (i32.const 42)) (then (unreachable)))
    (if (f64.ne (f64.abs (f64.load (i32.const 2048))) (f64.const 0)) (then (unreachable)))
    (if (call $dlopen (i32.const 1024) (i32.const 15) (i32.const 2) (i32.const 2048) (i32.const 256)
          (i32.const 0) (i32.const 0) (i32.const 1536))
      (then (unreachable)))
    (if (call $dlsym (i32.load (i32.const 1536)) (i32.const 1040) (i32.const 6) (i32.const 2048) (i32.const 256)
          (i32.const 1540))
      (then (unreachable)))
    (if (i32.ne (call_indirect (type $answer) (i32.load (i32.const 1540))) (i32.const 42))
      (then (unreachable)))
    ;; as often as makes a class for the function
    (local.set $left (i32.const 5000))
    (loop $next
      (drop (call_indirect (type $answer) (i32.load (i32.const 1540))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (if (call $fd_event (i64.const 1) (i32.const 0) (i32.const 1544)) (then (unreachable)))
    (if (call $epoll_create (i32.const 1548)) (then (unreachable)))
    (i32.store (i32.const 1552) (i32.const 1)) ;; readable
    (if (call $epoll_ctl (i32.load (i32.const 1548)) (i32.const 0) (i32.load (i32.const 1544)) (i32.const 1552))
      (then (unreachable)))
    (if (call $epoll_wait (i32.load (i32.const 1548)) (i32.const 1600) (i32.const 1) (i64.const 0) (i32.const 1640))
      (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 1640)) (i32.const 1)) (then (unreachable)))))
