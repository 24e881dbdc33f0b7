# Throws in a library. The tags are those of the program.
    .tagtype __cpp_exception i32
    .tagtype __c_longjmp i32
    .functype throw_back (i32) -> ()

    .globl library_throw
    .type library_throw,@function
library_throw:
    .functype library_throw (i32) -> ()
    local.get 0
    throw __cpp_exception
    end_function

    .globl library_jump
    .type library_jump,@function
library_jump:
    .functype library_jump (i32) -> ()
    local.get 0
    throw __c_longjmp
    end_function

# library_catch(function, value): what the function throws as an exception, or -1
    .globl library_catch
    .type library_catch,@function
library_catch:
    .functype library_catch (i32, i32) -> (i32)
    block i32
    try_table (catch __cpp_exception 0)
    local.get 1
    local.get 0
    call_indirect (i32) -> ()
    end_try_table
    i32.const -1
    return
    end_block
    end_function

# library_pass(function, value): rethrows whatever the function throws
    .globl library_pass
    .type library_pass,@function
library_pass:
    .functype library_pass (i32, i32) -> ()
    block exnref
    try_table (catch_all_ref 0)
    local.get 1
    local.get 0
    call_indirect (i32) -> ()
    end_try_table
    return
    end_block
    throw_ref
    end_function
