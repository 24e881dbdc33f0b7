;; Initialises from a passive segment, drops it, and tries again: the second time traps.
(module
  (memory (export "memory") 1)
  (data $greeting "hello")
  (func (export "init") (memory.init $greeting (i32.const 16) (i32.const 1) (i32.const 4)))
  (func (export "beyond") (memory.init $greeting (i32.const 65534) (i32.const 0) (i32.const 3)))
  (func (export "drop") (data.drop $greeting))
  (func (export "_start")))
