;; Computes for ever, and makes no host call; br_if, as compilers write loops.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.or (local.get $n) (i32.const 1))))))
