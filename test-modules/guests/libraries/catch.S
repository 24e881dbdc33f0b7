/* Throws and catches in the program. */
#ifdef DEFINES_TAGS
    .globl __cpp_exception
    .tagtype __cpp_exception i32
__cpp_exception:
    .globl __c_longjmp
    .tagtype __c_longjmp i32
__c_longjmp:
#else
    .tagtype __cpp_exception i32
    .tagtype __c_longjmp i32
#endif

    .globl program_throw
    .type program_throw,@function
program_throw:
    .functype program_throw (i32) -> ()
    local.get 0
    throw __cpp_exception
    end_function

    .globl program_jump
    .type program_jump,@function
program_jump:
    .functype program_jump (i32) -> ()
    local.get 0
    throw __c_longjmp
    end_function

/* program_catch(function, value): what the function throws as an exception, 10000 more for a jump, -1 for nothing */
    .globl program_catch
    .type program_catch,@function
program_catch:
    .functype program_catch (i32, i32) -> (i32)
    block i32
    block i32
    try_table (catch __c_longjmp 0) (catch __cpp_exception 1)
    local.get 1
    local.get 0
    call_indirect (i32) -> ()
    end_try_table
    i32.const -1
    return
    end_block
    i32.const 10000
    i32.add
    return
    end_block
    end_function
