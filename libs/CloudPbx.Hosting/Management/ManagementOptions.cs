using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting;

/// <summary>Where operators and their tools look at a process: health and metrics. Section <c>Management</c>.</summary>
public sealed class ManagementOptions : IValidatableObject
{
    /// <summary>
    /// <c>ADDRESS:PORT</c> or <c>unix:/PATH</c> of a listener for HTTP without TLS, beside the process's own ones; empty: none. It serves nobody else's business,
    /// so a closed network or loopback has to guard it.
    /// </summary>
    public string? Listen { get; set; }

    /// <summary>Whether <c>/metrics</c> is also served on the process's other listeners, which may face strangers.</summary>
    public bool MetricsEverywhere { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Listen) && !Listen.StartsWith(ManagementListener.UnixPrefix, StringComparison.Ordinal) && !IPEndPoint.TryParse(Listen, out _))
            yield return new("Listen must be ADDRESS:PORT or unix:/PATH.", [nameof(Listen)]);
    }
}

[OptionsValidator]
internal sealed partial class ManagementOptionsValidator : IValidateOptions<ManagementOptions>;
