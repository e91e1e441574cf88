using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Addresses;

/// <summary>The one address that browsers and programs know the installation by: issuer of tokens, target of redirects, host of passkeys. Setting <c>PublicUrl</c>.</summary>
/// <param name="Origin">Scheme, host and port, without a path.</param>
public sealed record PublicUrl(Uri Origin)
{
    /// <summary>What holds where the setting is absent.</summary>
    public const string Default = "https://localhost:8443";

    /// <summary>Reads the setting.</summary>
    /// <param name="configuration">The process's configuration.</param>
    /// <exception cref="OptionsValidationException">It is no address.</exception>
    public static PublicUrl Of(IConfiguration configuration)
    {
        string text = configuration["PublicUrl"] is { Length: > 0 } written ? written : Default;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.AbsolutePath == "/" && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? new PublicUrl(url)
            : throw new OptionsValidationException("PublicUrl", typeof(string), [$"PublicUrl must be like https://pbx.example.com or https://localhost:8443, without a path; it is '{text}'."]);
    }

    /// <summary>The address without a slash at its end.</summary>
    public override string ToString() => Origin.GetLeftPart(UriPartial.Authority);

    /// <summary>An address below it.</summary>
    /// <param name="path">Path and query, with a slash first.</param>
    public string At(string path) => ToString() + path;
}
