using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Domains;

/// <summary>Where tenants' own domains have to lead. Section <c>Domains</c>.</summary>
public sealed class DomainOptions : IValidatableObject
{
    /// <summary>Name or address by which phones reach the edges; <see langword="null"/>: the host of <c>PublicUrl</c>.</summary>
    public string? SipHost { get; set; }

    /// <summary>The port of SIP over UDP and TCP.</summary>
    [Range(1, 65535)] public int SipPort { get; set; } = 5060;

    /// <summary>The port of SIP over TLS.</summary>
    [Range(1, 65535)] public int TlsPort { get; set; } = 5061;

    /// <summary>Name servers to ask, as <c>ADDRESS:PORT</c>; empty: the system's.</summary>
    public IList<string> NameServers { get; } = [];

    /// <summary>Domains that one tenant may be proving at a time.</summary>
    [Range(1, 1000)] public int MostClaims { get; set; } = 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string server in NameServers)
            if (!IPEndPoint.TryParse(server, out _))
                yield return new($"Domains:NameServers must be addresses with ports such as 192.0.2.53:53; '{server}' is none.", [nameof(NameServers)]);
    }
}

[OptionsValidator]
internal sealed partial class DomainOptionsValidator : IValidateOptions<DomainOptions>;
