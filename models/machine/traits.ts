/**
 * What one machine does by its design and another does not, because of the programs that it has. A program that lies has no
 * place here: its lies are found.
 */
export interface MachineTraits {
  /**
   * What podman starts on a command line stays in the control group that it was started in, with its monitor; else each
   * call moves into a scope of its own, out of the unit (facts.md F55; facts-debian13 F74).
   */
  readonly podmanStaysInUnit: boolean;
  /**
   * logind forgets an operator whose user manager is stopped, lingering or not, and takes their runtime directory away. It
   * does not learn of a manager that is then started by hand: whoever asks it for users is told of none (facts.md F21, F22;
   * facts-debian13 F88, F92).
   */
  readonly logindForgets: boolean;
  /**
   * A unit that is masked is still extended by its drop-ins, to no effect, and is said to need a reload for good: systemd
   * passes over them later than 252 (seen on 252 and 257).
   */
  readonly masksKeepDropIns: boolean;
  /**
   * The drop-in that set-property writes counts as the last one until the next reload, which the manager asks for; else it
   * stands at once where its name puts it (seen on systemd 252 and 257).
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

/** The compose implementations that `podman compose` can hand its work to (facts.md F49). */
export type Provider = 'docker-compose' | 'podman-compose';
