using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Mail;

/// <summary>How mail is sent. Section <c>Mail</c>. Without a host none is: what would be in it is told to operators instead.</summary>
public sealed class MailOptions
{
    /// <summary>The mail server; absent: no mail is sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port: 587 is submission with STARTTLS (RFC 6409), 465 with TLS from the start (RFC 8314).</summary>
    [Range(1, 65535)] public int Port { get; set; } = 587;

    /// <summary>User name there; absent: nobody signs in.</summary>
    public string? User { get; set; }

    /// <summary>The password to it: never log it.</summary>
    public string? Password { get; set; }

    /// <summary>Sender's address.</summary>
    [EmailAddress] public string From { get; set; } = "cloudpbx@localhost";

    /// <summary>Whether a server without TLS will do; only for one on this machine.</summary>
    public bool AllowPlain { get; set; }
}

[OptionsValidator]
internal sealed partial class MailOptionsValidator : IValidateOptions<MailOptions>;
