namespace CloudPbx.Hosting.Web.Providers;

/// <summary>Why a provider cannot be used.</summary>
public enum ProviderFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its address is inside a network.</summary>
    Inside,

    /// <summary>It does not answer, or its certificate is not trusted.</summary>
    Unreachable,

    /// <summary>It answers with something else than what was asked for.</summary>
    NoDocument,

    /// <summary>Its document names another issuer (OpenID Connect Discovery §4.3).</summary>
    OtherIssuer,

    /// <summary>Its document lacks an endpoint, or names one without https.</summary>
    Incomplete,
}
