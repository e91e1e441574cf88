using CloudPbx.Data.Conversions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Tenants;

internal sealed class TenantMapping : IEntityTypeConfiguration<Tenant>
{
    public void Configure(EntityTypeBuilder<Tenant> builder)
    {
        builder.ToTable("tenants");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.Property(t => t.Name).HasMaxLength(63);
        builder.HasIndex(t => t.Name).IsUnique();                                       // platform-wide by its nature
        builder.HasIndex(t => t.IsDefault).IsUnique().HasFilter("is_default");          // at most one
        builder.Property(t => t.DisplayName).HasMaxLength(200);
        builder.Property(t => t.Plan).HasMaxLength(63);
        builder.Property(t => t.SuspensionReason).HasMaxLength(200);
        builder.Property(t => t.Branding).HasConversion((ValueConverter)new JsonTextConverter<Resellers.Branding>(), JsonTextConverter<Resellers.Branding>.Comparer);
        builder.HasOne<Resellers.GlobalReseller>().WithMany().HasForeignKey(t => t.ResellerId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(t => new { t.ResellerId, t.Name });                            // a reseller's list
        builder.Property(t => t.Language).HasMaxLength(35);                             // RFC 5646 §4.4.1
        builder.Property(t => t.HoldMusicPrompt).HasMaxLength(Prompts.Prompt.MaximumNameLength);
        builder.Property(t => t.RecordingNoticePrompt).HasMaxLength(Prompts.Prompt.MaximumNameLength);
        builder.Property(t => t.Version).IsConcurrencyToken();
    }
}
