import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';

interface LabelArgs extends ServiceArgs {
  readonly autoUpdate: boolean;
}

/** The operator gives a service the label that asks for updates, or takes it away, and rebuilds. */
export default mutation<LabelArgs>({
  describe: ({ stack, service, autoUpdate }) =>
    autoUpdate ? `have ${stack}/${service} updated` : `have ${stack}/${service} updated no more`,
  choices: (now, at) => [{ ...at, autoUpdate: !now.autoUpdate }],
  change: (services, { service, autoUpdate }) => withService(services, service, { autoUpdate }),
});
