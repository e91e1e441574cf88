using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Identity;

/// <summary>How somebody proved who they are.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SignInMethod>))]
public enum SignInMethod
{
    /// <summary>By their password, and the second step where they have one.</summary>
    Password,

    /// <summary>By a passkey (WebAuthn).</summary>
    Passkey,

    /// <summary>By their company's own OpenID Connect provider.</summary>
    Provider,

    /// <summary>By a link that lets one choose a password.</summary>
    Link,
}
