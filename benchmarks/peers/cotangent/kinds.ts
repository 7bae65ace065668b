import type { Kinds } from '../task.js'
import { limits } from './limits.js'
import { operations } from './operations.js'
import { steps } from './steps.js'

export const kinds: Kinds = { ...operations, ...steps, ...limits }
