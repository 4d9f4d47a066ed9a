import type { SharedOptions } from '../../options.ts';

/** What was typed. */
export interface ExploreOptions
  extends Pick<
    SharedOptions,
    'host' | 'hosts' | 'profile' | 'provider' | 'suite' | 'corpus' | 'json' | 'report' | 'labs' | 'models'
  > {
  readonly depth?: number;
  readonly operations?: readonly string[];
  /** So many of the profile's, or compose files of one's own. */
  readonly stacks?: number | readonly string[];
  readonly resume?: string;
  readonly confirm?: boolean;
  readonly threads?: number;
  readonly memory?: number;
}
