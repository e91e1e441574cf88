using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Providers;

/// <summary>Where tenants' own OpenID Connect providers may be. Section <c>SignInProviders</c>, the same for Api and Identity.</summary>
public sealed class ProviderOptions : IValidatableObject
{
    /// <summary>Networks that are not of the public Internet and yet may have providers, such as <c>10.1.2.0/24</c>.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Seconds that a provider has for an answer.</summary>
    [Range(1, 60)] public int TimeoutSeconds { get; set; } = 10;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string network in AllowedNetworks)
            if (!IPNetwork.TryParse(network, out _))
                yield return new($"AllowedNetworks: \"{network}\" is no network such as 10.1.2.0/24.", [nameof(AllowedNetworks)]);
    }
}

[OptionsValidator]
internal sealed partial class ProviderOptionsValidator : IValidateOptions<ProviderOptions>;
