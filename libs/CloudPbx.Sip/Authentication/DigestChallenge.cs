namespace CloudPbx.Sip.Authentication;

/// <summary>One digest challenge of a WWW-Authenticate or Proxy-Authenticate field (RFC 7616 §3.3, RFC 3261 §20.44).</summary>
public sealed record DigestChallenge
{
    /// <summary>Gets the realm.</summary>
    public required string Realm { get; init; }

    /// <summary>Gets the nonce.</summary>
    public required string Nonce { get; init; }

    /// <summary>Gets the algorithm; MD5 where none is named.</summary>
    public DigestAlgorithm Algorithm { get; init; } = DigestAlgorithm.Md5;

    /// <summary>Gets whether the algorithm was named; one that was not is not named in the answer either (RFC 7616 §3.4).</summary>
    public bool AlgorithmNamed { get; init; } = true;

    /// <summary>Gets the qop options as they came (for example <c>auth,auth-int</c>); <see langword="null"/> for a challenge as in RFC 2069.</summary>
    public string? Qop { get; init; } = "auth";

    /// <summary>Gets the opaque value that the answer returns unchanged.</summary>
    public string? Opaque { get; init; }

    /// <summary>Gets whether only the nonce was too old: the same password may be tried again.</summary>
    public bool Stale { get; init; }

    /// <summary>Gets whether <see cref="Qop"/> contains <c>auth</c>.</summary>
    public bool OffersAuth => HasQop("auth");

    /// <summary>Gets whether a client here can answer: the algorithm is known, and qop is absent or contains auth.</summary>
    public bool IsUsable => Algorithm != DigestAlgorithm.Unknown && (string.IsNullOrWhiteSpace(Qop) || OffersAuth);

    /// <summary>Reads all digest challenges of one field value; other schemes and what cannot be read are left out.</summary>
    /// <param name="value">The field's value; folded lines allowed. Nothing that a stranger sends throws.</param>
    /// <returns>The challenges in their order; usually one.</returns>
    public static IReadOnlyList<DigestChallenge> Parse(string? value)
    {
        List<DigestChallenge> challenges = [];
        DigestFieldReader reader = new(value);
        while (challenges.Count < 16 && reader.TryRead(out string scheme, out Dictionary<string, string> parameters))
        {
            if (!scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase)
                || !parameters.TryGetValue("realm", out string? realm) || !parameters.TryGetValue("nonce", out string? nonce))
                continue;
            parameters.TryGetValue("algorithm", out string? algorithm);
            challenges.Add(new DigestChallenge
            {
                Realm = realm,
                Nonce = nonce,
                Algorithm = DigestAlgorithms.FromName(algorithm),
                AlgorithmNamed = algorithm is not null,
                Qop = parameters.GetValueOrDefault("qop"),
                Opaque = parameters.GetValueOrDefault("opaque"),
                Stale = "true".Equals(parameters.GetValueOrDefault("stale"), StringComparison.OrdinalIgnoreCase),
            });
        }
        return challenges;
    }

    /// <summary>The field's value.</summary>
    /// <returns>For example <c>Digest realm="sip.test", nonce="…", algorithm=MD5, qop="auth"</c>.</returns>
    public override string ToString()
    {
        DigestFieldWriter writer = new();
        writer.Quoted("realm", Realm);
        writer.Quoted("nonce", Nonce);
        writer.Quoted("opaque", Opaque);
        if (Stale)
            writer.Token("stale", "true");
        if (AlgorithmNamed && Algorithm != DigestAlgorithm.Unknown)
            writer.Token("algorithm", Algorithm.ToName());
        writer.Quoted("qop", Qop);
        return writer.ToString();
    }

    private bool HasQop(string wanted)
    {
        foreach (Range option in Qop.AsSpan().Split(','))
        {
            if (Qop.AsSpan()[option].Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
