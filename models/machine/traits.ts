/**
 * Behaviour by design in which machines differ, because of their versions of programs. A program that lies is not described
 * here: its lies are to be found.
 */
export interface MachineTraits {
  /**
   * What a podman command starts stays in the control group of that command, with its conmon; without this trait each call
   * moves into a scope of its own, outside the unit (facts.md F55; facts-debian13 F74).
   */
  readonly podmanStaysInUnit: boolean;
  /**
   * logind forgets an operator whose user manager is stopped, with linger or without, and removes their runtime directory. It
   * does not notice a manager that is then started by hand: it does not list that user (facts.md F21, F22; facts-debian13 F88,
   * F92).
   */
  readonly logindForgets: boolean;
  /**
   * A masked unit still lists its drop-ins, without effect, and reports for good that it needs a reload; systemd after 252
   * skips them (seen on 252 and 257).
   */
  readonly masksKeepDropIns: boolean;
  /**
   * The drop-in that set-property writes is applied last until the next reload, which the manager asks for; without this trait
   * it is sorted by its name at once (seen on systemd 252 and 257).
   */
  readonly propertiesComeLast: boolean;
}

/** systemd 257 and podman 5.4. */
export const debian13: MachineTraits = {
  podmanStaysInUnit: true,
  logindForgets: false,
  masksKeepDropIns: false,
  propertiesComeLast: false,
};

/** systemd 252 and podman 4.3. */
export const debian12: MachineTraits = {
  podmanStaysInUnit: false,
  logindForgets: true,
  masksKeepDropIns: true,
  propertiesComeLast: true,
};

/**
 * What runs the stacks: one of the compose implementations that `podman compose` can call (facts.md F49), or podman alone, by the
 * units that its systemd generator makes of quadlet files.
 */
export type Provider = 'docker-compose' | 'podman-compose' | 'podman';
