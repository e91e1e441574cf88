using System.Globalization;
using System.Text;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Portal.ApiClient;

/// <summary>Which call records are wanted.</summary>
public sealed record CallFilter
{
    /// <summary>Calls that began then or later, UTC.</summary>
    public DateTime? From { get; init; }

    /// <summary>Calls that began before, UTC.</summary>
    public DateTime? To { get; init; }

    /// <summary>The caller's, the called or the answering number.</summary>
    public string? Number { get; init; }

    /// <summary>How they ended.</summary>
    public CallDisposition? Disposition { get; init; }

    /// <summary>Between whom.</summary>
    public CallDirection? Direction { get; init; }

    /// <summary>Why they ended: a Q.850 cause, 1 to 127.</summary>
    public int? Cause { get; init; }

    /// <summary>Whether nothing is asked for in particular.</summary>
    public bool IsEmpty => this == new CallFilter();

    /// <summary>The query as the API takes it, with its question mark; empty where nothing is asked for.</summary>
    public string ToQuery()
    {
        StringBuilder query = new();
        Add("from", From is { } from ? $"{from:yyyy-MM-ddTHH:mm:ssZ}" : null);
        Add("to", To is { } to ? $"{to:yyyy-MM-ddTHH:mm:ssZ}" : null);
        Add("number", string.IsNullOrWhiteSpace(Number) ? null : Number.Trim());
        Add("disposition", Disposition is { } disposition ? disposition.ToString() : null);
        Add("direction", Direction is { } direction ? direction.ToString() : null);
        Add("cause", Cause is { } cause ? cause.ToString(CultureInfo.InvariantCulture) : null);
        return query.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
