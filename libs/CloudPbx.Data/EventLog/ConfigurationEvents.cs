using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace CloudPbx.Data.EventLog;

/// <summary>Says what a change of configuration changes, from the rows that are about to be written: whoever changes them, by a form, a document or a bulk, tells the same.</summary>
internal static class ConfigurationEvents
{
    /// <summary>More than these of one change are told by <c>configuration.changed</c> alone.</summary>
    private const int Most = 1000;

    public static List<TenantEvent> Of(ChangeTracker changes, TenantId tenant, DateTime at)
    {
        changes.DetectChanges();
        List<TenantEvent> events = [];
        foreach (EntityEntry entry in changes.Entries())
        {
            if (events.Count == Most)
                break;
            if (Describe(entry) is { } what)
            {
                events.Add(new TenantEvent
                {
                    TenantId = tenant, Id = Guid.CreateVersion7(), Type = what.Type, At = at, Subject = what.Subject, Data = JsonSerializer.Serialize(what.Data, JsonSerializerOptions.Web),
                });
            }
        }
        return events;
    }

    private static (string Type, string Subject, object Data)? Describe(EntityEntry entry) => (entry.Entity, entry.State) switch
    {
        (Extension extension, EntityState.Added) => (EventTypes.ExtensionCreated, $"{extension.Id}", Data(extension)),
        (Extension extension, EntityState.Modified) => (EventTypes.ExtensionChanged, $"{extension.Id}", Data(extension)),
        (Extension extension, EntityState.Deleted) => (EventTypes.ExtensionDeleted, $"{extension.Id}", Data(extension)),
        (Trunk trunk, EntityState.Added) => (EventTypes.TrunkCreated, $"{trunk.Id}", Data(trunk)),
        (Trunk trunk, EntityState.Modified) => (EventTypes.TrunkChanged, $"{trunk.Id}", Data(trunk)),
        (Trunk trunk, EntityState.Deleted) => (EventTypes.TrunkDeleted, $"{trunk.Id}", Data(trunk)),
        (PhoneNumber number, EntityState.Added) => (EventTypes.NumberCreated, $"{number.Id}", Data(number)),
        (PhoneNumber number, EntityState.Modified) => (EventTypes.NumberChanged, $"{number.Id}", Data(number)),
        (PhoneNumber number, EntityState.Deleted) => (EventTypes.NumberDeleted, $"{number.Id}", Data(number)),
        (Tenant tenant, EntityState.Modified) when entry.Property(nameof(Tenant.SuspendedAt)) is { IsModified: true } suspended && suspended.OriginalValue is null != suspended.CurrentValue is null =>
            (tenant.SuspendedAt is null ? EventTypes.TenantResumed : EventTypes.TenantSuspended, $"{tenant.Id}", new { tenant.Name, Reason = tenant.SuspensionReason }),
        _ => null,
    };

    private static object Data(Extension extension) => new { extension.Id, extension.Number, extension.DisplayName };

    private static object Data(PhoneNumber number) => new { number.Id, number.Number, number.Extension, number.TrunkId };

    private static object Data(Trunk trunk) => new { trunk.Id, trunk.Name, trunk.Kind, trunk.Enabled };
}
