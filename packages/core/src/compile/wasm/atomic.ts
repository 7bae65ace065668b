import type { Bytes } from './bytes.js'
import type { FunctionBuilder } from './function.js'
import { int, memarg } from './scalar.js'
import type { I32, I64, Num } from './value.js'
import { value } from './value.js'

// Instructions that threads agree through; sequentially consistent. Addresses are multiples of the size.

const op = (to: Bytes, code: number, align: number): Bytes => memarg(to.byte(0xfe).u32(code), align, 0)

export const atomic = {
  load32: (address: Num<'i32'>): I32 => value('i32', [int(address)], (to) => op(to, 0x10, 2)),
  load64: (address: Num<'i32'>): I64 => value('i64', [int(address)], (to) => op(to, 0x11, 3)),
  /** Adds and gives what was there before. */
  add32: (address: Num<'i32'>, x: Num<'i32'>): I32 =>
    value('i32', [int(address), int(x)], (to) => op(to, 0x1e, 2)),
  add64: (address: Num<'i32'>, x: I64): I64 => value('i64', [int(address), x], (to) => op(to, 0x1f, 3)),
  store32: (f: FunctionBuilder, address: Num<'i32'>, x: Num<'i32'>): void => {
    int(address).write(f.code)
    int(x).write(f.code)
    op(f.code, 0x17, 2)
  },
  store64: (f: FunctionBuilder, address: Num<'i32'>, x: I64): void => {
    int(address).write(f.code)
    x.write(f.code)
    op(f.code, 0x18, 3)
  },
  /** Wakes all that wait at an address. */
  wakeAll: (f: FunctionBuilder, address: Num<'i32'>): void => {
    int(address).write(f.code)
    int(-1).write(f.code)
    op(f.code, 0x00, 2).byte(0x1a)
  },
  /** Sleeps while the word is `expected`, at most so many nanoseconds. */
  wait32: (f: FunctionBuilder, address: Num<'i32'>, expected: I32, nanoseconds: I64): void => {
    int(address).write(f.code)
    expected.write(f.code)
    nanoseconds.write(f.code)
    op(f.code, 0x01, 2).byte(0x1a)
  },
}
