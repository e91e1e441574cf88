using CloudPbx.Data.Resellers;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Resellers;

/// <summary>A brand's host name is one brand's, and not the platform's own: whoever comes by it sees whose it is.</summary>
internal sealed class BrandingHosts(BrandingLookup brandings, PublicUrl publicUrl)
{
    /// <summary>Refuses a host name that is another's.</summary>
    /// <param name="wish">The branding that is to be saved.</param>
    /// <param name="owner">The tenant or reseller whose it is.</param>
    /// <param name="path">Where the host name stands in the request.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The refusal; <see langword="null"/>: it may have it.</returns>
    public async Task<ProblemHttpResult?> RefuseAsync(Branding wish, Guid owner, string path, CancellationToken cancel) =>
        wish.Host is { } host && (string.Equals(host, publicUrl.Origin.Host, StringComparison.OrdinalIgnoreCase) || await brandings.IsTakenAsync(host, owner, cancel))
            ? Answers.Taken(path, "Another branding, or the platform itself, has this host name: choose another.")
            : null;

    /// <summary>It was saved: pages show it at once, as far as this process answers them.</summary>
    public void Saved() => brandings.Forget();
}
