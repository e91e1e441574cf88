using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>How webhooks are sent, and where they may go. Section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>Networks that are not of the public Internet and yet may be sent to, such as <c>10.1.2.0/24</c>.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Whether receivers without TLS will do.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Seconds that a receiver has for its answer.</summary>
    [Range(1, 60)] public int TimeoutSeconds { get; set; } = 15;

    /// <summary>Hours for which a delivery is tried again.</summary>
    [Range(1, 720)] public int RetryHours { get; set; } = 72;

    /// <summary>Hours after which a webhook that never takes anything is switched off.</summary>
    [Range(1, 720)] public int DisableAfterHours { get; set; } = 72;

    /// <summary>Days for which events and deliveries are kept.</summary>
    [Range(4, 3650)] public int KeepDays { get; set; } = 30;

    /// <summary>Hours for which deliveries are signed with the secret before, too, once there is a new one.</summary>
    [Range(0, 720)] public int PreviousSecretHours { get; set; } = 24;

    /// <summary>Webhooks of one tenant or reseller at most.</summary>
    [Range(1, 1000)] public int MostOfOne { get; set; } = 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string network in AllowedNetworks)
            if (!IPNetwork.TryParse(network, out _))
                yield return new($"AllowedNetworks: \"{network}\" is no network such as 10.1.2.0/24.", [nameof(AllowedNetworks)]);
        if (KeepDays * 24 <= RetryHours)
            yield return new("KeepDays must be longer than RetryHours.", [nameof(KeepDays)]);
    }
}

[OptionsValidator]
internal sealed partial class WebhookOptionsValidator : IValidateOptions<WebhookOptions>;
