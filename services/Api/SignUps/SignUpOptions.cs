using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.SignUps;

/// <summary>How companies sign up by themselves. Section <c>SignUp</c>. It is open as long as there is a plan for it.</summary>
public sealed class SignUpOptions
{
    /// <summary>The platform's domain: a tenant <c>acme</c> gets the SIP domain <c>acme.DOMAIN</c>.</summary>
    [Required] public string Domain { get; set; } = "localhost";

    /// <summary>How long a mail can be answered, in hours.</summary>
    [Range(1, 720)] public int LinkHours { get; set; } = 48;

    /// <summary>Whether the answer has the confirmation where no mail server is set (<c>Mail:Host</c>): then nobody's mail address is proven. Without it only operators get it.</summary>
    public bool ConfirmWithoutMail { get; set; } = true;

    /// <summary>Sign-ups and confirmations from one address in an hour.</summary>
    [Range(1, 10_000)] public int PerAddressAndHour { get; set; } = 10;
}

[OptionsValidator]
internal sealed partial class SignUpOptionsValidator : IValidateOptions<SignUpOptions>;
