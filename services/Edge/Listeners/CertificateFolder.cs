namespace CloudPbx.Edge.Listeners;

/// <summary>A folder of certificates, as <see cref="EdgeOptions.CertificateFolder"/> describes it.</summary>
internal sealed class CertificateFolder(string path)
{
    private static readonly (string Certificate, string Key)[] s_pairs = [("fullchain.pem", "privkey.pem"), ("tls.crt", "tls.key")];

    /// <summary>Lists the certificates that are there now, in the order of their names.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public IReadOnlyList<EdgeCertificateFiles> List()
    {
        if (!Directory.Exists(path))
            return [];
        List<EdgeCertificateFiles> found = [];
        foreach (string file in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
        {
            if (Path.GetExtension(file) is ".pem" or ".crt" or ".pfx" or ".p12")
                found.Add(new EdgeCertificateFiles { CertificatePath = file, KeyPath = IfThere(Path.ChangeExtension(file, ".key")) });
        }
        foreach (string folder in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            foreach ((string certificate, string key) in s_pairs)
            {
                if (IfThere(Path.Combine(folder, certificate)) is { } file)
                    found.Add(new EdgeCertificateFiles { CertificatePath = file, KeyPath = Path.Combine(folder, key) });
            }
        }
        return found;
    }

    private static string? IfThere(string file) => File.Exists(file) ? file : null;
}
