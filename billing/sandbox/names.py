"""The names that the pinned API version knows, so that every other one can be refused.

Each list equals one of the SDK's parameter types; a test compares them. `expand` is taken out
before the names are checked.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CUSTOMER_CREATE = _words("""
    address balance business_name cash_balance description email individual_name
    invoice_prefix invoice_settings metadata name next_invoice_sequence payment_method phone
    preferred_locales shipping source tax tax_exempt tax_id_data test_clock validate
""")
INTENT_CREATE = _words("""
    allowed_payment_method_types amount amount_details application_fee_amount
    automatic_payment_methods capture_method confirm confirmation_method confirmation_token
    currency customer customer_account description error_on_requires_action
    excluded_payment_method_types hooks mandate mandate_data metadata off_session
    on_behalf_of payment_details payment_method payment_method_configuration
    payment_method_data payment_method_options radar_options receipt_email return_url
    setup_future_usage shipping statement_descriptor statement_descriptor_suffix
    transfer_data transfer_group use_stripe_sdk
""")
INTENT_CONFIRM = _words("""
    allowed_payment_method_types amount_details amount_to_confirm capture_method
    confirmation_token error_on_requires_action excluded_payment_method_types hooks mandate
    mandate_data off_session payment_details payment_method payment_method_data
    payment_method_options radar_options receipt_email return_url setup_future_usage
    shipping use_stripe_sdk
""")
INTENT_CANCEL = _words("""
    cancellation_reason
""")
REFUND_CREATE = _words("""
    amount charge currency customer instructions_email metadata origin payment_intent reason
    refund_application_fee reverse_transfer
""")
SESSION_CREATE = _words("""
    adaptive_pricing after_expiration allow_promotion_codes allowed_payment_method_types
    automatic_tax billing_address_collection branding_settings cancel_url
    client_reference_id consent_collection currency custom_fields custom_text customer
    customer_account customer_creation customer_email customer_update discounts
    excluded_payment_method_types expires_at integration_identifier invoice_creation
    line_items locale managed_payments metadata mode name_collection optional_items
    origin_context payment_intent_data payment_method_collection
    payment_method_configuration payment_method_data payment_method_options permissions
    phone_number_collection redirect_on_completion return_url saved_payment_method_options
    setup_intent_data shipping_address_collection shipping_options submit_type
    subscription_data success_url tax_id_collection ui_mode wallet_options
""")
LINE_ITEM = _words("""
    adjustable_quantity metadata price price_data quantity tax_rates
""")
PRICE_DATA = _words("""
    currency product product_data recurring tax_behavior unit_amount unit_amount_decimal
""")
PRODUCT_DATA = _words("""
    description images metadata name tax_code tax_details unit_label
""")
INTENT_DATA = _words("""
    application_fee_amount capture_method description metadata on_behalf_of receipt_email
    setup_future_usage shipping statement_descriptor statement_descriptor_suffix
    transfer_data transfer_group
""")
BRANDING = _words("""
    background_color border_style button_color display_name font_family icon logo
""")
CARD_OPTIONS = _words("""
    capture_method installments request_extended_authorization
    request_incremental_authorization request_multicapture request_overcapture
    request_three_d_secure restrictions setup_future_usage statement_descriptor_suffix_kana
    statement_descriptor_suffix_kanji
""")
LOCALES = _words("""
    auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv
    ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW
""")
SESSION_LIST = _words("""
    created customer customer_account customer_details ending_before limit payment_intent
    payment_link starting_after status subscription
""")
