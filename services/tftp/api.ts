/** Cisco Tftp: serves the phones' configuration files over HTTP (6970) and TFTP. */
export interface Tftp {
  /** Where it listens; a port 0 in the configuration is the real one here. */
  address(): { readonly http: string; readonly tftpHost: string; readonly tftpPort: number }
}
