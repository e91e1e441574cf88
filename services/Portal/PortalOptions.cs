using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal;

/// <summary>The portal's settings. Section <c>Portal</c>.</summary>
public sealed class PortalOptions : IValidatableObject
{
    /// <summary>Where the API is: <c>unix:/path/to/socket</c>, or <c>http://api:8080</c>.</summary>
    [Required] public string Api { get; set; } = "http://localhost:8080";

    /// <summary>Where Identity is, by the inner way: <c>unix:/path/to/socket</c>, or <c>http://identity:8080</c>; <see langword="null"/>: people sign in with the operator token.</summary>
    public string? Identity { get; set; }

    /// <summary>The secret by which the portal authenticates at Identity.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>How long a request to the API may take, in seconds.</summary>
    [Range(1, 600)] public int ApiSeconds { get; set; } = 30;

    /// <summary>How long a browser stays signed in without being used, in hours.</summary>
    [Range(1, 720)] public int SessionHours { get; set; } = 12;

    /// <summary>Folder with the keys of cookies; they must be the same in all replicas. <see langword="null"/>: where ASP.NET Core keeps them.</summary>
    public string? KeyFolder { get; set; }

    /// <summary>The server's name or address that is typed into phones; <see langword="null"/>: the one that the browser uses.</summary>
    public string? PhoneServer { get; set; }

    /// <summary>The port of SIP over UDP and TCP.</summary>
    [Range(1, 65535)] public int SipPort { get; set; } = 5060;

    /// <summary>The port of SIP over TLS.</summary>
    [Range(1, 65535)] public int TlsPort { get; set; } = 5061;

    /// <summary>PEM file of the authority that phones must trust; <see langword="null"/>: they know it already.</summary>
    public string? AuthorityFile { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Api.StartsWith("unix:", StringComparison.Ordinal) && !(Uri.TryCreate(Api, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
            yield return new("Portal:Api must be unix:/path/to/socket or an http address.", [nameof(Api)]);
    }
}

[OptionsValidator]
internal sealed partial class PortalOptionsValidator : IValidateOptions<PortalOptions>;
