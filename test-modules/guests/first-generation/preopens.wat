;; What a first-generation guest finds of a directory that was granted as "data": one preopened descriptor, "/", through
;; which its C library asks for absolute paths. Ends with 0, or with the number of the step that failed.
(module
  (import "wasix_32v1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasix_32v1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasix_32v1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasix_32v1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "/data/hello.txt")
  (data (i32.const 32) "/outside.txt")

  (func $require (param $good i32) (param $step i32)
    (if (i32.eqz (local.get $good))
      (then (call $exit (local.get $step)))))

  (func (export "_start")
    ;; 3 is the root, and there is no other
    (call $require (i32.eqz (call $prestat (i32.const 3) (i32.const 64))) (i32.const 1))
    (call $require (i32.eq (i32.load (i32.const 68)) (i32.const 1)) (i32.const 2))
    (call $require (i32.eqz (call $name (i32.const 3) (i32.const 72) (i32.const 1))) (i32.const 3))
    (call $require (i32.eq (i32.load8_u (i32.const 72)) (i32.const 47)) (i32.const 4))
    (call $require (i32.eq (call $prestat (i32.const 4) (i32.const 64)) (i32.const 8)) (i32.const 5))
    ;; the file is there, its neighbour outside is not
    (call $require
      (i32.eqz (call $stat (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 15) (i32.const 128)))
      (i32.const 6))
    (call $require (i64.eq (i64.load (i32.const 160)) (i64.const 6)) (i32.const 7))
    (call $require
      (i32.eq
        (call $stat (i32.const 3) (i32.const 1) (i32.const 32) (i32.const 12) (i32.const 128))
        (i32.const 44))
      (i32.const 8))))
