/** A process's place in the lab's chain of trust; PEM texts. The common name is the cluster ID or the tool's name. */
export interface Identity {
  readonly name: string
  readonly caPem: string
  readonly certPem: string
  readonly keyPem: string
  /** Kept outside every database and shared by the lab, so that PIN hashes can travel with superusers. */
  readonly pepper: Buffer
}
