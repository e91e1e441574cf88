using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The authorities whose word about carriers' certificates counts: those of <see cref="EdgeOptions.CarrierAuthoritiesPath"/>, else the system's.</summary>
/// <remarks>Thread-safe; singleton. The file is read anew each time.</remarks>
internal sealed class CarrierAuthorities(IOptions<EdgeOptions> options)
{
    /// <summary>For a server that we connect to; null: the system's authorities, by the system's rules.</summary>
    public X509ChainPolicy? ForServer() => options.Value.CarrierAuthoritiesPath is null ? null : Policy();

    /// <summary>For a client that connects to us: a stranger's certificate must not make us fetch anything.</summary>
    public X509ChainPolicy ForClient()
    {
        X509ChainPolicy policy = Policy();
        policy.DisableCertificateDownloads = true;
        return policy;
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (options.Value.CarrierAuthoritiesPath is { } path)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(path);
        }
        return policy;
    }
}
