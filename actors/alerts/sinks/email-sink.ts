import type { Transporter } from 'nodemailer';
import { type Notice, noticeLine } from '../notice.js';
import { RefusedError, type Sink } from './sink.js';

export interface EmailOptions {
  name: string;
  host: string;
  port: number;
  /** TLS from the start; otherwise it is begun where the server offers it, and demanded where there is a password. */
  secure: boolean;
  user?: string;
  password?: string;
  from: string;
  to: readonly string[];
}

/** Mails notices by SMTP, one mail each. */
export class EmailSink implements Sink {
  readonly name: string;
  private readonly options: EmailOptions;
  private transport: Transporter | undefined;

  constructor(options: EmailOptions) {
    this.name = options.name;
    this.options = options;
  }

  async tell(notice: Notice): Promise<number> {
    const { from, to } = this.options;
    this.transport ??= await open(this.options);
    const lines = Object.entries(notice).map(
      ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(' ') : value}`,
    );
    try {
      await this.transport.sendMail({
        from,
        to: [...to],
        subject: `[volfilter] ${notice.severity}: ${notice.alert} ${notice.state}`,
        text: `${noticeLine(notice)}\n\n${lines.join('\n')}\n`,
        messageId: `<${notice.id}@volfilter>`,
      });
    } catch (error) {
      const { responseCode = 0, message } = error as Error & { responseCode?: number };
      // Of SMTP's answers those from 500 on are final.
      if (responseCode >= 500) throw new RefusedError(message, responseCode);
      throw error;
    }
    return SMTP_OK;
  }

  close(): void {
    this.transport?.close();
  }
}

const SMTP_OK = 250;

/** Loaded with the first mail only: every thread of the engine reads this module. */
async function open({ host, port, secure, user, password }: EmailOptions): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const isKnown = user !== undefined && password !== undefined;
  return createTransport({
    host,
    port,
    secure,
    // A password goes over no line that others read.
    requireTLS: isKnown && !secure,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(isKnown ? { auth: { user, pass: password } } : {}),
  });
}
