;; Uses the exceptions that were standardised differently later.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (tag $oops)
  (memory (export "memory") 1)
  (func $tries (try (do (throw $oops)) (catch_all)))
  (func (export "_start") (call $tries)))
