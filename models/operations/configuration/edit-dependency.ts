import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';
import type { DependencyCondition, ProjectService } from '../../machine/compose-project.ts';

interface DependencyArgs extends ServiceArgs {
  readonly on: string;
  readonly condition: DependencyCondition | 'none';
}

/** The operator has a service wait for another in another way, or not at all, and rebuilds. */
export default serviceEdit<DependencyArgs>({
  describe: ({ stack, service, on, condition }) =>
    condition === 'none'
      ? `have ${stack}/${service} depend on ${on} no more`
      : `have ${stack}/${service} depend on ${on} by ${condition}`,
  choices: ({ dependsOn, networkMode }, at, { services }) =>
    Object.entries(dependsOn)
      // It is there anyway where its network is shared.
      .filter(([on]) => networkMode !== `service:${on}`)
      .flatMap(([on, now]) => [
        ...conditionsFor(services[on])
          .filter(condition => condition !== now)
          .map(condition => ({ ...at, on, condition })),
        { ...at, on, condition: 'none' as const },
      ]),
  change: ({ dependsOn }, { on, condition }) => {
    const { [on]: _, ...others } = dependsOn;
    return { dependsOn: condition === 'none' ? others : { ...dependsOn, [on]: condition } };
  },
});

/** What makes sense of this service. */
const conditionsFor = (service: ProjectService | undefined): readonly DependencyCondition[] => [
  'service_started',
  ...(service?.hasHealthcheck ? (['service_healthy'] as const) : []),
  ...(service?.ends == null ? [] : (['service_completed_successfully'] as const)),
];
