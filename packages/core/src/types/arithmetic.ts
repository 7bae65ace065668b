// Sums and products of literal types, digit by digit as on paper, so that the cost grows with the number of
// digits and not with the numbers. A numeral is written least digit first: 784 is '487'.

interface Tally {
  '0': []
  '1': [0]
  '2': [0, 0]
  '3': [0, 0, 0]
  '4': [0, 0, 0, 0]
  '5': [0, 0, 0, 0, 0]
  '6': [0, 0, 0, 0, 0, 0]
  '7': [0, 0, 0, 0, 0, 0, 0]
  '8': [0, 0, 0, 0, 0, 0, 0, 0]
  '9': [0, 0, 0, 0, 0, 0, 0, 0, 0]
}

type Units<D extends string> = D extends keyof Tally ? Tally[D] : []

type ReverseText<Text extends string, Out extends string = ''> = Text extends `${infer C}${infer Rest}`
  ? ReverseText<Rest, `${C}${Out}`>
  : Out

type ToNumber<Numeral extends string> = ReverseText<Numeral> extends `${infer N extends number}` ? N : number

type First<N extends string> = N extends `${infer D}${string}` ? D : '0'
type Rest<N extends string> = N extends `${string}${infer R}` ? R : ''

// The digits are inferred as strings, not as '0' | '1' | ...: otherwise the compiler, which bounds a type
// before it knows its arguments, spells out every numeral that there is.
type AddNumerals<
  X extends string,
  Y extends string,
  C extends string = '0',
  Out extends string = '',
> = `${X}${Y}` extends ''
  ? C extends '1'
    ? `${Out}1`
    : Out
  : `${[...Units<First<X>>, ...Units<First<Y>>, ...Units<C>]['length'] & number}` extends infer Sum extends
        string
    ? Sum extends `1${infer D}${infer None}`
      ? AddNumerals<Rest<X>, Rest<Y>, '1', `${Out}${D}${None}`>
      : AddNumerals<Rest<X>, Rest<Y>, '0', `${Out}${Sum}`>
    : never

type AddTimes<X extends string, Times extends 0[], Sum extends string> = Times extends [
  0,
  ...infer Less extends 0[],
]
  ? AddTimes<X, Less, AddNumerals<Sum, X>>
  : Sum

// Horner's rule over the digits of Y, the greatest first: product = 10 product + digit x.
type TimesNumeral<
  X extends string,
  Y extends string,
  Product extends string = '',
> = Y extends `${infer D}${infer Less}`
  ? TimesNumeral<X, Less, AddTimes<X, Units<D>, `0${Product}`>>
  : Product

/** The sum of two literals, and `number` unless both are. */
export type Add<X extends number, Y extends number> = number extends X
  ? number
  : number extends Y
    ? number
    : ToNumber<AddNumerals<ReverseText<`${X}`>, ReverseText<`${Y}`>>>

/** The product of two literals, and `number` unless both are. */
export type Multiply<X extends number, Y extends number> = number extends X
  ? number
  : number extends Y
    ? number
    : 0 extends X | Y
      ? 0
      : X extends 1
        ? Y
        : Y extends 1
          ? X
          : ToNumber<TimesNumeral<ReverseText<`${X}`>, `${Y}`>>
