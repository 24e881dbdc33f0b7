;; A table that grows. Library: the tests call the exports.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (func (export "_start"))
  ;; makes the table larger by so many until that is refused, and ends with how many times 65536 entries there are
  (func $grow (param $step i32)
    ;; every guest begins with what the module says, however large it became in another
    (if (i32.ne (table.size $table) (i32.const 1)) (then (unreachable)))
    (loop $more
      (br_if $more (i32.ne
        (table.grow $table (ref.null func) (local.get $step))
        (i32.const -1))))
    ;; a sum of more than 2^31 is refused as any other
    (if (i32.ne (table.grow $table (ref.null func) (i32.const 0x7fffffff)) (i32.const -1)) (then (unreachable)))
    (if (i32.ne (table.grow $table (ref.null func) (i32.const -1)) (i32.const -1)) (then (unreachable)))
    (call $proc_exit (i32.shr_u (table.size $table) (i32.const 16)))
    unreachable)
  (func (export "grow") (call $grow (i32.const 65536)))
  ;; for a large heap: each growth copies the table
  (func (export "leap") (call $grow (i32.const 1048576))))
