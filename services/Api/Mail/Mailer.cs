using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace CloudPbx.Api.Mail;

/// <summary>Sends mail by SMTP.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed partial class Mailer(IOptions<MailOptions> options, ILogger<Mailer> logger) : IMailer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public bool IsConfigured => !string.IsNullOrEmpty(options.Value.Host);

    /// <inheritdoc/>
    public async Task<bool> TrySendAsync(string to, string subject, string text, CancellationToken cancel)
    {
        MailOptions mail = options.Value;
        using MimeMessage message = new();
        message.From.Add(MailboxAddress.Parse(mail.From));
        message.To.Add(new MailboxAddress(null, to));            // never parsed: a stranger's text names one recipient, whatever is in it
        message.Subject = subject;
        message.Body = new TextPart("plain") { Text = text };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_patience);
        try
        {
            using SmtpClient client = new();
            await client.ConnectAsync(mail.Host!, mail.Port, mail.AllowPlain ? SecureSocketOptions.StartTlsWhenAvailable : mail.Port == 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, deadline.Token);
            if (!string.IsNullOrEmpty(mail.User))
                await client.AuthenticateAsync(mail.User, mail.Password ?? "", deadline.Token);
            await client.SendAsync(message, deadline.Token);
            await client.DisconnectAsync(quit: true, deadline.Token);
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !cancel.IsCancellationRequested)
        {
            LogNotSent(fault.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "A mail could not be sent: {Fault}")]
    private partial void LogNotSent(string fault);
}
