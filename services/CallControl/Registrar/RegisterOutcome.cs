using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>What the registrar decided on a REGISTER.</summary>
internal abstract record RegisterOutcome
{
    private RegisterOutcome()
    {
    }

    /// <summary>200: what stands now, the request's own contacts first, and what changed.</summary>
    public sealed record Accepted(DateTime At, IReadOnlyList<Binding> Bindings, IReadOnlyList<Binding> Saved, IReadOnlyList<Binding> Removed) : RegisterOutcome
    {
        /// <summary>Whether a binding is one that the request made or refreshed.</summary>
        public bool IsSaved(Binding binding)
        {
            foreach (Binding saved in Saved)
                if (ReferenceEquals(saved, binding))
                    return true;
            return false;
        }
    }

    /// <summary>423: a wish is shorter than what is granted at least (RFC 3261 §10.3 step 7).</summary>
    public sealed record TooBrief : RegisterOutcome;

    /// <summary>500: a request with the same Call-ID and a higher CSeq came before it (§10.3 step 7).</summary>
    public sealed record OutOfOrder : RegisterOutcome;

    /// <summary>403: more contacts in one request than an extension may have.</summary>
    public sealed record TooMany : RegisterOutcome;
}
