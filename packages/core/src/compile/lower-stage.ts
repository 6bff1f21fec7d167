import { evaluator } from '../expr/evaluate.ts'
import { stageKernel } from '../expr/kernel/stage-kernel.ts'
import {
  type FilterStep,
  type FusedSteps,
  type ProjectStep,
  StageOperator,
} from '../operator/stage.ts'
import type { FilterNode } from '../plan/filter.ts'
import type { ProjectNode } from '../plan/project.ts'

type StageStep = FilterNode | ProjectNode

/** Neighbouring filters and projections as one machine, with generated loops. */
export function lowerStage(steps: readonly StageStep[], generates: boolean): StageOperator {
  const lowered = steps.map(step => ({
    ...(step.kind === 'filter' ? filterStep(step) : projectStep(step)),
    kernel: generates ? stageKernel([step]) : null,
  }))
  return new StageOperator(lowered, generates ? fusedSteps(steps) : [])
}

function filterStep({ step, predicate, onError }: FilterNode): FilterStep {
  return { kind: 'filter', name: step, predicate: evaluator(predicate), onError }
}

function projectStep({ step, schema, columns, omit, onError }: ProjectNode): ProjectStep {
  const readers = columns.map(({ expr }) => (expr.kind === 'column' ? expr.name : evaluator(expr)))
  return { kind: 'project', name: step, schema, columns: readers, omit, onError }
}

/** The longest runs of steps that have one loop together. */
function fusedSteps(steps: readonly StageStep[]): FusedSteps[] {
  const fused: FusedSteps[] = []
  for (let from = 0; from < steps.length - 1; ) {
    const run = longestRun(steps, from)
    if (run !== null) fused.push(run)
    from = run?.until ?? from + 1
  }
  return fused
}

function longestRun(steps: readonly StageStep[], from: number): FusedSteps | null {
  for (let until = steps.length; until > from + 1; until--) {
    const kernel = stageKernel(steps.slice(from, until))
    if (kernel !== null) return { from, until, kernel }
  }
  return null
}
