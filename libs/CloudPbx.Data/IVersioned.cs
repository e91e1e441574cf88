namespace CloudPbx.Data;

/// <summary>A row with optimistic concurrency on any provider: the context gives it a new version with each change.</summary>
public interface IVersioned
{
    /// <summary>Which state of the row this is; the entity tag of the API.</summary>
    Guid Version { get; set; }
}
