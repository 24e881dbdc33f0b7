;; Takes all the memory that it gets, page by page, and writes to it; then goes on writing for ever.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $at i32)
    (loop $more
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
        (then
          (memory.fill
            (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536))
            (i32.const 1)
            (i32.const 65536))
          (br $more))))
    (loop $again
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.and (i32.add (local.get $at) (i32.const 4096)) (i32.const 0xffffff)))
      (br $again))))
