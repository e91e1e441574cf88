using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Keys;

/// <summary>Where the platform key lies. Section <c>PlatformKey</c>.</summary>
public sealed class PlatformKeyOptions
{
    /// <summary>
    /// A file of 256-bit keys in Base64, one per line. The first wraps new tenants' keys; all of them open. Never in the database, never without a backup: without it every SIP secret is lost.
    /// </summary>
    [Required] public string Path { get; set; } = "data/platform.key";

    /// <summary>Whether to make the file (mode 0600) where it is missing. All-in-one does; a cluster mounts a secret and does not.</summary>
    public bool Create { get; set; }
}

[OptionsValidator]
internal sealed partial class PlatformKeyOptionsValidator : IValidateOptions<PlatformKeyOptions>;
